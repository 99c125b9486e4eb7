// The servers in Go: main <port> <echo|upper|lines>. One goroutine a connection, as net's documentation has it.
package main

import (
	"bufio"
	"bytes"
	"io"
	"log"
	"net"
	"os"
)

func echo(conn net.Conn) {
	defer conn.Close()
	io.Copy(conn, onlyReader{conn})
}

// Keeps io.Copy from splicing in the kernel: the others see the bytes, too.
type onlyReader struct{ io.Reader }

func upper(conn net.Conn) {
	defer conn.Close()
	buffer := make([]byte, 4096)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		if _, err = conn.Write(bytes.ToUpper(buffer[:n])); err != nil {
			return
		}
	}
}

func lines(conn net.Conn) {
	defer conn.Close()
	reader, writer := bufio.NewReader(conn), bufio.NewWriter(conn)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		writer.WriteString(line)
		if reader.Buffered() == 0 && writer.Flush() != nil {
			return
		}
	}
}

func main() {
	serve := map[string]func(net.Conn){"echo": echo, "upper": upper, "lines": lines}[os.Args[2]]
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(conn)
	}
}
