// The ring against a plain queue, in every order of writes and reads.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteRing } from "../../src/channel/byte-ring.ts";

test("gives every record back once, whole and in order, whatever its size and whoever is ahead", () => {
  const command = fc.oneof(fc.constant("read" as const), fc.uint8Array({ maxLength: 40 }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.array(command, { maxLength: 200 }), (size, commands) => {
      const memory = ByteRing.memory(size);
      const writer = new ByteRing(memory);
      const reader = new ByteRing(memory);
      const queue: Uint8Array[] = [];
      for (const each of commands) {
        if (each === "read") expect(reader.read()).toEqual(queue.shift());
        else if (writer.write(each)) queue.push(each);
        else expect(each.length > writer.longest || queue.length > 0).toBe(true);
      }
      for (const left of queue) expect(reader.read()).toEqual(left);
      expect(reader.read()).toBeUndefined();
    }),
  );
});

test("goes on where its counters wrap around", () => {
  const memory = ByteRing.memory(64);
  const nearTheEnd = new Int32Array(memory, 0, 2).fill(-16);
  const ring = new ByteRing(memory);
  for (let i = 0; i < 20; i++) {
    const record = new Uint8Array(i).fill(i);
    expect(ring.write(record)).toBe(true);
    expect(ring.read()).toEqual(record);
  }
  expect(nearTheEnd[0]).toBeGreaterThan(0);
});

test("says who waited, once", () => {
  const ring = new ByteRing(ByteRing.memory(16));
  expect(ring.readerWaited()).toBe(false);
  expect(ring.read()).toBeUndefined();
  expect([ring.readerWaited(), ring.readerWaited()]).toEqual([true, false]);
  expect(ring.write(new Uint8Array(ring.longest))).toBe(true);
  expect(ring.writerWaited()).toBe(false);
  expect(ring.write(new Uint8Array(1))).toBe(false);
  expect([ring.writerWaited(), ring.writerWaited()]).toEqual([true, false]);
});

test("has no size that nothing fits into", () => {
  for (const size of [0, -1, 1.5, Number.NaN, 2 ** 31]) expect(() => ByteRing.memory(size)).toThrow(RangeError);
});
