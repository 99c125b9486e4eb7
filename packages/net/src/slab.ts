// The memory that incoming bytes land in.
//
// 1. Every socket of a thread reads into one shared slab: the read callback is synchronous, so the bytes are copied out
//    (64-byte messages: far cheaper than an allocation per read) before another socket can overwrite them.
// 2. A socket that receives large chunks gets a region of its own, and slices of it are handed out without copying,
//    because copying 16 KiB costs more than a fresh buffer.
// 3. Regions in use are capped per thread; above the cap a socket stays on the shared slab.
import { collectYoung } from "./young-garbage.ts";

/** As much as libuv asks the kernel for at once. */
const SHARED_BYTES = 64 * 1024;
/** A read this long moves a socket to a region of its own. */
const LARGE_READ = 8 * 1024;
/** Size of a region. Malloc keeps blocks of this size and hands them out again; larger ones are mapped anew each time. */
const REGION_BYTES = 64 * 1024;
/** Size of a region for a socket that has filled one in a single read: more is waiting than a read takes. */
const LARGE_REGION_BYTES = 256 * 1024;
/** A region with less room than this left is replaced. */
const SMALLEST_ROOM = 16 * 1024;
/** Sockets of one thread that may have a region: with the largest ones, 32 MiB. */
const REGIONS_PER_THREAD = 128;
/**
 * Copies up to this size share a pool, larger ones get their own memory. The pool is small because whoever keeps one
 * small chunk keeps all of it.
 */
const POOLED_COPY = 1024;
const POOL_BYTES = 8 * 1024;
/** Young garbage is collected after so much was allocated: measured, 2 MiB is as good, and with 8 MiB V8 is faster. */
const COLLECT_BYTES = 4 * 1024 * 1024;

/** Freed once, this makes malloc keep up to twice as much free memory: see {@link keepFreedMemory}. */
const KEPT_BYTES = 8 * 1024 * 1024;

/** The slab all sockets of this thread read into. */
export const shared: Buffer = Buffer.allocUnsafeSlow(SHARED_BYTES);

let pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let pooled = 0;
let regions = 0;

/** Copies the first bytes of borrowed memory to memory the caller may keep. */
export function copyOut(memory: Buffer, length: number): Buffer {
  if (length > POOLED_COPY) {
    const own = allocate(length);
    memory.copy(own, 0, 0, length);
    return own;
  }
  if (pooled + length > POOL_BYTES) {
    pool = Buffer.allocUnsafeSlow(POOL_BYTES);
    pooled = 0;
  }
  const copy = pool.subarray(pooled, pooled + length);
  memory.copy(copy, 0, 0, length);
  pooled += length;
  return copy;
}

/** A socket, as far as its memory is concerned. */
export interface Reader {
  /** Whether it reads into a region of its own, not into the shared slab. Starts as false. */
  ownsRegion: boolean;
}

/** Decides where a socket reads to next, after a read of `length` bytes into `memory`. */
export function nextMemory(reader: Reader, memory: Buffer, length: number): Buffer {
  if (!reader.ownsRegion) {
    if (length < LARGE_READ || regions >= REGIONS_PER_THREAD) return memory;
    regions++;
    reader.ownsRegion = true;
    return allocate(REGION_BYTES);
  }
  if (length < LARGE_READ) {
    releaseRegion(reader);
    return shared;
  }
  const rest = memory.length - length;
  if (rest === 0 && length >= REGION_BYTES) return allocate(LARGE_REGION_BYTES);
  return rest < SMALLEST_ROOM ? allocate(REGION_BYTES) : memory.subarray(length);
}

/** Gives a socket's region back to the thread's account. Idempotent. */
export function releaseRegion(reader: Reader): void {
  if (!reader.ownsRegion) return;
  reader.ownsRegion = false;
  regions--;
}

/** Allocated since young garbage was collected last. */
let allocated = 0;
let keepsFreedMemory = false;

/**
 * Allocates memory, and collects young garbage once there is much of it. V8 counts the bytes of dead buffers towards the
 * size of its whole heap and looks at that rather than at the young objects that hold them, so large messages made it
 * mark the whole heap 15 times a second: 40 % of the processor time with 16 KiB messages.
 */
function allocate(bytes: number): Buffer {
  if (!keepsFreedMemory) keepFreedMemory();
  allocated += bytes;
  if (allocated >= COLLECT_BYTES) {
    allocated = 0;
    collectYoung();
  }
  return Buffer.allocUnsafeSlow(bytes);
}

/**
 * Has malloc keep what is freed for the next region. Otherwise glibc gives all but 128 KiB at the top of its heap back to
 * the system at every collection, and every page of the next regions is a fault. Freeing a block that had a mapping of
 * its own raises that to twice the block's size (mallopt(3), M_MMAP_THRESHOLD). Its pages are never touched, so it costs
 * no memory; other allocators take no notice.
 */
function keepFreedMemory(): void {
  keepsFreedMemory = true;
  Buffer.allocUnsafeSlow(KEPT_BYTES);
  collectYoung();
}
