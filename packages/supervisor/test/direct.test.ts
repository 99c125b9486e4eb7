// Shares of a limit, and books of threads that follow each other in one place.
import fc from "fast-check";
import { expect, test } from "vitest";
import { bookPlaces, ConnectionBook, readBook } from "../src/connection-book.ts";
import { shareOf } from "../src/direct/thread-acceptors.ts";
import { ThreadBook } from "../src/direct/thread-books.ts";

test("threads share a limit without a rest, and none has more than one more than another", () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.integer({ min: 1, max: 64 }), (limit, threads) => {
      const shares = Array.from({ length: threads }, (_, position) => shareOf(limit, position, threads));
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(limit);
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    }),
  );
});

test("whatever threads in one place do, each one's counters are its own, and all of them together add up", () => {
  const step = fc.constantFrom("accept", "served", "reset", "failed", "lost");
  fc.assert(
    fc.property(fc.array(fc.array(step, { maxLength: 20 }), { maxLength: 6 }), (lives) => {
      const block = { numbers: new Float64Array(bookPlaces), save: () => {} };
      const last: ThreadBook["stats"][] = [];
      for (const life of lives) {
        const book = new ThreadBook(block);
        const entries = new ConnectionBook(block);
        for (const what of life) {
          if (what === "accept") entries.accept();
          else if (book.stats.connections > 0) entries.end(what);
        }
        const { total, connections, lost } = book.stats;
        expect(total).toBe(life.filter((what) => what === "accept").length);
        book.close();
        expect(book.stats).toMatchObject({ total, connections: 0, lost: lost + connections });
        last.push(book.stats);
      }
      const all = readBook(block.numbers);
      expect(all.connections).toBe(0);
      expect(all.total).toBe(last.reduce((sum, { total }) => sum + total, 0));
      expect(all.lost).toBe(last.reduce((sum, { lost }) => sum + lost, 0));
      // As the supervisor reads it: after the main thread's own book, which is empty here.
      expect(readBook(new Float64Array([...new Float64Array(bookPlaces), ...block.numbers]))).toEqual(all);
    }),
  );
});
