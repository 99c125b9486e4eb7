// Numbers that were lent and came back, while others are given the same numbers.
import { closeSync, fstatSync, mkdtempSync, openSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { LentDescriptors, takeLoan } from "../src/lent-descriptors.ts";
import { bindUnix, type NativeHandle } from "../src/native-handle.ts";

const folder = mkdtempSync(join(tmpdir(), "plait-lent-"));
afterAll(() => rmSync(folder, { recursive: true }));
let sockets = 0;

function bound(): NativeHandle {
  const handle = bindUnix(join(folder, `${sockets++}.sock`));
  if (typeof handle === "string") throw new Error(handle);
  return handle;
}

function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}

test("a descriptor that the borrower has closed is given back, and nothing of it is kept", () => {
  const lent = new LentDescriptors();
  const before = readdirSync("/proc/self/fd").length;
  for (let times = 0; times < 200; times++) {
    const loan = lent.lend(bound());
    closeSync(takeLoan(loan));
    lent.back(loan);
  }
  expect(lent.left).toBe(0);
  expect(readdirSync("/proc/self/fd").length).toBe(before);
});

test("whoever has got the number meanwhile keeps it, and it is given back later", () => {
  const lent = new LentDescriptors();
  const loan = lent.lend(bound());
  closeSync(takeLoan(loan));
  const stranger = openSync("/dev/null", "r");
  expect(stranger).toBe(loan.descriptor);
  lent.back(loan);
  expect(lent.left).toBe(1);
  expect(isOpen(stranger)).toBe(true);
  closeSync(stranger);
  const next = lent.lend(bound());
  closeSync(takeLoan(next));
  lent.back(next);
  expect(lent.left).toBe(0);
});

test("a descriptor that the borrower has never taken is closed here", () => {
  const lent = new LentDescriptors();
  const loan = lent.lend(bound());
  lent.back(loan);
  lent.back(loan);
  expect(isOpen(loan.descriptor)).toBe(false);
  expect(lent.left).toBe(0);
});
