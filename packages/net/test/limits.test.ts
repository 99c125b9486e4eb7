import { once } from "node:events";
import net from "node:net";
import { type Limits, LocalCounter, LocalRate, SharedCounter, SharedRate } from "@plait/net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressKey } from "../src/address-key.ts";
import { Admission } from "../src/limits.ts";
import { eventually, readAll, serve } from "./support/serving.ts";

const limited = (limits: Limits) => serve("commands.ts", { listeners: { main: { limits } } });

describe("limits of a listener", () => {
  it.each([
    ["close", "close", ""],
    ["farewell", { farewell: "come back later\n" }, "come back later\n"],
  ] as const)("connections: one too many gets a %s, and room is made when one ends", async (_name, overload, text) => {
    await using running = await limited({ connections: 2, overload });
    const [a, b] = [await running.connect(), await running.connect()];
    await eventually(() => running.host.connections === 2);
    expect(running.host.hasRoom()).toBe(false);
    const late = await running.connect();
    expect(await readAll(late)).toBe(text);
    expect(await running.outcomes[2]).toBe("limit");
    const room = running.host.room();
    a.end();
    await room;
    const next = await running.connect();
    next.write("welcome\n");
    expect(String((await once(next, "data"))[0])).toBe("welcome\n");
    b.destroy();
  });

  it("connections: one too many that speaks first is ended in order, too", async () => {
    await using running = await limited({ connections: 0 });
    await using server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const client = net.connect((server.address() as net.AddressInfo).port, "127.0.0.1");
    const [accepted] = await once(server, "connection");
    // Closed with this unread, its descriptor would reset the connection.
    await new Promise((sent) => client.write("hello\n", sent));
    const outcome = new Promise((resolve) => running.host.serve(accepted, "main", resolve));
    expect(await readAll(client)).toBe("");
    expect(await outcome).toBe("limit");
  });

  it("connections: one too many gets a reset where that is chosen", async () => {
    await using running = await limited({ connections: 0, overload: "reset" });
    const error = await running.connect().then(
      (late) => once(late, "error"),
      (refused) => [refused],
    );
    expect(error[0]).toMatchObject({ code: "ECONNRESET" });
    expect(await running.outcomes[0]).toBe("limit");
  });

  it("perAddress: counts a client's address, and forgets it when its connections end", async () => {
    await using running = await limited({ perAddress: { max: 1 } });
    const first = await running.connect();
    first.write("a\n");
    await once(first, "data");
    const second = await running.connect();
    expect(await readAll(second)).toBe("");
    first.end();
    await running.host.idle();
    const third = await running.connect();
    third.write("b\n");
    expect(String((await once(third, "data"))[0])).toBe("b\n");
    expect(running.host.outcomes.limit).toBe(1);
  });

  it("can be changed while connections are open", async () => {
    await using running = await limited({});
    const first = await running.connect();
    first.write("a\n");
    await once(first, "data");
    running.host.setLimits("main", { connections: 1 });
    expect(await readAll(await running.connect())).toBe("");
    running.host.setLimits("main", {});
    const third = await running.connect();
    third.write("b\n");
    expect(String((await once(third, "data"))[0])).toBe("b\n");
  });

  it("acceptRate: lets a burst in at once, and no more in the same moment", () => {
    const admission = new Admission("main", { acceptRate: { perSecond: 0.001, burst: 3 } }, new LocalCounter());
    expect([1, 2, 3, 4, 5].map(() => admission.enter())).toEqual([true, true, true, false, false]);
  });
});

describe("a counter", () => {
  const steps = fc.array(fc.record({ key: fc.constantFrom("a", "b", "c", "d"), add: fc.boolean() }), { maxLength: 60 });

  it("in shared memory counts what a local one does, summed over its units", () => {
    fc.assert(
      fc.property(steps, (actions) => {
        const memory = SharedCounter.memory(3);
        const units = [0, 1, 2].map((unit) => new SharedCounter(memory, unit));
        const local = new LocalCounter();
        const held: { key: string; unit: number }[] = [];
        actions.forEach(({ key, add }, turn) => {
          const unit = turn % 3;
          if (add) {
            held.push({ key, unit });
            expect((units[unit] as SharedCounter).add(key)).toBe(local.add(key));
          } else {
            const last = held.pop();
            if (last === undefined) return;
            units[last.unit]?.remove(last.key);
            local.remove(last.key);
          }
        });
        expect((units[0] as SharedCounter).add("a")).toBe(local.add("a"));
      }),
    );
  });

  it("in shared memory forgets what a dead unit had counted", () => {
    const memory = SharedCounter.memory(2);
    const [alive, dead] = [new SharedCounter(memory, 0), new SharedCounter(memory, 1)];
    dead.add("a");
    dead.add("a");
    expect(alive.add("a")).toBe(3);
    SharedCounter.forget(memory, 1);
    expect(alive.add("a")).toBe(2);
    expect(() => new SharedCounter(memory, 2)).toThrow(RangeError);
  });

  it("acceptRate: what is no rate is refused when it is set, and the limits before it stay", () => {
    const refused = expect.objectContaining({ code: "ERR_PLAIT_INVALID_ARGUMENT" });
    const limits = { acceptRate: { perSecond: 0 } };
    expect(() => new Admission("main", limits, new LocalCounter())).toThrow(refused);
    const admission = new Admission("main", {}, new LocalCounter());
    expect(() => {
      admission.limits = limits;
    }).toThrow(refused);
    expect(admission.enter()).toBe(true);
  });

  it("acceptRate: in shared memory lets in what one bucket would, whoever asks", () => {
    const memory = SharedRate.memory(2);
    const [one, other, elsewhere] = [new SharedRate(memory, 0), new SharedRate(memory, 0), new SharedRate(memory, 1)];
    const slow = { perSecond: 0.001, burst: 3 };
    expect([one, other, one, other, one].map((rate) => rate.allows(slow))).toEqual([true, true, true, false, false]);
    expect(elsewhere.allows(slow)).toBe(true);
    // A faster limit fills up the bucket sooner: this one has room again before the next call.
    expect(elsewhere.allows({ perSecond: 1e9, burst: 1e12 })).toBe(true);
    const refused = expect.objectContaining({ code: "ERR_PLAIT_INVALID_ARGUMENT" });
    for (const place of [2, -1, 0.5, Number.NaN]) expect(() => new SharedRate(memory, place)).toThrow(refused);
    for (const rates of [-1, 0.5, Number.NaN]) expect(() => SharedRate.memory(rates)).toThrow(refused);
  });

  it("acceptRate: what is no rate is refused with what to give", () => {
    const refused = (message: RegExp) =>
      expect.objectContaining({ code: "ERR_PLAIT_INVALID_ARGUMENT", message: expect.stringMatching(message) });
    for (const rate of [new SharedRate(SharedRate.memory(1), 0), new LocalRate()]) {
      for (const perSecond of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => rate.allows({ perSecond })).toThrow(refused(/a second. Give a number above 0/));
      }
      for (const burst of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => rate.allows({ perSecond: 1, burst })).toThrow(refused(/at once. Give a number from 0 on/));
      }
      expect([rate.allows({ perSecond: 0.5 }), rate.allows({ perSecond: 0.5 })]).toEqual([true, false]);
    }
  });

  it("in shared memory counts what units add that were not there at first", () => {
    const memory = SharedCounter.memory(1, 3);
    const first = new SharedCounter(memory, 0);
    first.add("a");
    SharedCounter.grow(memory, 3);
    const third = new SharedCounter(memory, 2);
    expect(third.add("a")).toBe(2);
    expect(first.add("a")).toBe(3);
    expect(() => SharedCounter.grow(memory, 4)).toThrow(RangeError);
  });

  it("in shared memory never counts too few, however many keys there are", () => {
    const counter = new SharedCounter(SharedCounter.memory(1), 0);
    for (let key = 0; key < 50_000; key++) counter.add(`10.0.${key >> 8}.${key & 255}`);
    expect(counter.add("10.0.0.1")).toBeGreaterThanOrEqual(2);
  });
});

describe("the key of an address", () => {
  it.each([
    ["10.1.2.3", 32, 64, "10.1.2.3"],
    ["10.1.2.3", 24, 64, "10.1.2.0/24"],
    ["10.1.255.3", 17, 64, "10.1.128.0/17"],
    ["2001:db8:1:2:3:4:5:6", 32, 64, "2001:db8:1:2:0:0:0:0/64"],
    ["2001:db8::5", 32, 48, "2001:db8:0:0:0:0:0:0/48"],
    ["fe80::1%eth0", 32, 128, "fe80:0:0:0:0:0:0:1/128"],
    ["::ffff:10.0.0.1", 32, 128, "0:0:0:0:0:ffff:a00:1/128"],
    ["/run/app.sock", 32, 64, "/run/app.sock"],
  ])("%s with /%i and /%i is %s", (address, prefix4, prefix6, key) => {
    expect(addressKey(address, prefix4, prefix6)).toBe(key);
  });
});
