// The scenarios in Go, on one processor: `main <scenario> <count>` prints one line of JSON.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

const depth = 100
const rounds = 5

func giveWay(times int, group *sync.WaitGroup) {
	for i := 0; i < times; i++ {
		runtime.Gosched()
	}
	group.Done()
}

func pong(there, back chan int, times int) {
	for i := 0; i < times; i++ {
		back <- <-there
	}
}

func level(ctx context.Context, n int, group *sync.WaitGroup) {
	if n > 1 {
		child, cancel := context.WithCancel(ctx)
		defer cancel()
		go level(child, n-1, group)
	}
	<-ctx.Done()
	group.Done()
}

var work = map[string]func(int){
	"switch": func(count int) {
		var group sync.WaitGroup
		group.Add(2)
		go giveWay(count/2, &group)
		go giveWay(count/2, &group)
		group.Wait()
	},
	"channel": func(count int) {
		there, back := make(chan int), make(chan int)
		go pong(there, back, count)
		for i := 0; i < count; i++ {
			there <- i
			<-back
		}
	},
	"spawn": func(count int) {
		for i := 0; i < count; i++ {
			done := make(chan int, 1)
			go func(n int) { done <- n }(i)
			<-done
		}
	},
	"batch": func(count int) {
		for i := 0; i < count/100; i++ {
			var group sync.WaitGroup
			results := make([]int, 100)
			group.Add(100)
			for n := 0; n < 100; n++ {
				go func(n int) { results[n] = n; group.Done() }(n)
			}
			group.Wait()
		}
	},
	"cancel": func(count int) {
		for i := 0; i < count/depth; i++ {
			var group sync.WaitGroup
			group.Add(depth)
			ctx, cancel := context.WithCancel(context.Background())
			go level(ctx, depth, &group)
			for n := 0; n <= depth; n++ {
				runtime.Gosched()
			}
			cancel()
			group.Wait()
		}
	},
}

func used() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc + stats.StackInuse + stats.OtherSys
}

// The runtime keeps the goroutines of a first round for the next, so it is measured in a process that has had none.
func memory(count int, wait func(chan struct{})) float64 {
	stop := make(chan struct{})
	var group sync.WaitGroup
	before := used()
	group.Add(count)
	for i := 0; i < count; i++ {
		go func() { wait(stop); group.Done() }()
	}
	time.Sleep(200 * time.Millisecond)
	after := used()
	close(stop)
	return float64(after-before) / float64(count)
}

func main() {
	runtime.GOMAXPROCS(1)
	count, _ := strconv.Atoi(os.Args[2])
	switch os.Args[1] {
	case "parked":
		fmt.Printf("{\"value\":%f}\n", memory(count, func(stop chan struct{}) { <-stop }))
	case "sleeping":
		fmt.Printf("{\"value\":%f}\n", memory(count, func(stop chan struct{}) { time.Sleep(1000 * time.Second) }))
	default:
		run, found := work[os.Args[1]]
		if !found {
			return
		}
		best := time.Duration(1 << 62)
		for round := 0; round < rounds; round++ {
			from := time.Now()
			run(count)
			if took := time.Since(from); took < best {
				best = took
			}
		}
		fmt.Printf("{\"value\":%f}\n", float64(best.Nanoseconds())/float64(count))
	}
}
