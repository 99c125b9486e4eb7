import { ByteQueue } from "@plait/net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

/** Few different bytes, so that delimiters and their beginnings come up often. */
const bytes = fc.uint8Array({ maxLength: 200, max: 3 });

function filled(chunks: readonly Uint8Array[]): ByteQueue {
  const queue = new ByteQueue();
  for (const chunk of chunks) queue.append(chunk);
  return queue;
}

describe("a byte queue", () => {
  it("gives back the bytes in order, whatever the sizes they came and are taken in", () => {
    fc.assert(
      fc.property(fc.array(bytes), fc.array(fc.nat(50)), (chunks, sizes) => {
        const queue = filled(chunks);
        const all = Buffer.concat(chunks);
        const taken: Buffer[] = [];
        for (const size of sizes) if (size <= queue.length) taken.push(queue.take(size));
        expect(queue.length).toBe(all.length - Buffer.concat(taken).length);
        while (queue.length > 0) taken.push(queue.takeChunk(7));
        expect(Buffer.concat(taken)).toEqual(all);
      }),
    );
  });

  it("finds what a flat buffer would find, also after taking, unreading and appending", () => {
    const action = fc.oneof(
      fc.record({ append: bytes }),
      fc.record({ take: fc.nat(40) }),
      fc.record({ unread: bytes }),
      fc.record({ find: fc.oneof(fc.nat(4), fc.uint8Array({ minLength: 1, maxLength: 4, max: 3 })) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
        const queue = new ByteQueue();
        let flat = Buffer.alloc(0);
        for (const step of actions) {
          if ("append" in step) {
            queue.append(step.append);
            flat = Buffer.concat([flat, step.append]);
          } else if ("take" in step) {
            const count = Math.min(step.take, queue.length);
            expect(queue.take(count)).toEqual(flat.subarray(0, count));
            flat = flat.subarray(count);
          } else if ("unread" in step) {
            queue.unread(step.unread);
            flat = Buffer.concat([step.unread, flat]);
          } else {
            expect(queue.find(step.find)).toBe(flat.indexOf(step.find));
          }
          expect(queue.length).toBe(flat.length);
          for (let at = 0; at < flat.length; at++) expect(queue.byteAt(at)).toBe(flat[at]);
        }
      }),
    );
  });

  it("leaves peeked bytes in place, and refuses to give more than it has", () => {
    const queue = filled([Buffer.from("ab"), Buffer.alloc(5000, "x"), Buffer.from("cd")]);
    expect(queue.peek(3).toString()).toBe("abx");
    expect(queue.takeText(2, "utf8")).toBe("ab");
    queue.skip(5000);
    expect(() => queue.take(3)).toThrow("3 bytes asked of a queue that has 2.");
    expect(() => queue.byteAt(2)).toThrow(RangeError);
    expect(queue.takeText(2, "utf8")).toBe("cd");
  });

  it("does not search again what it has ruled out", () => {
    const queue = new ByteQueue();
    const chunk = Buffer.alloc(4096, "x");
    let searched = 0;
    chunk.indexOf = ((...args: [number]) => {
      searched++;
      return Buffer.prototype.indexOf.apply(chunk, args);
    }) as typeof chunk.indexOf;
    for (let i = 0; i < 10; i++) {
      queue.append(chunk);
      expect(queue.find(10)).toBe(-1);
    }
    expect(searched).toBe(10);
  });
});
