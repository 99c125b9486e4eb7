// The network an address belongs to, as a key to count under.
import { isIPv4, isIPv6 } from "node:net";

/**
 * The first bits of an address, as text that is the same for every address of the network.
 *
 * @param prefix4 Bits that count in an IPv4 address, 0 to 32.
 * @param prefix6 Bits that count in an IPv6 address, 0 to 128.
 */
export function addressKey(address: string, prefix4: number, prefix6: number): string {
  if (isIPv4(address)) {
    return prefix4 >= 32 ? address : `${masked(address.split(".").map(Number), 8, prefix4).join(".")}/${prefix4}`;
  }
  const plain = address.replace(/%.*$/, "");
  if (!isIPv6(plain)) return address;
  return `${masked(groups(plain), 16, prefix6)
    .map((group) => group.toString(16))
    .join(":")}/${prefix6}`;
}

function masked(parts: readonly number[], width: number, prefix: number): number[] {
  return parts.map((part, index) => {
    const kept = Math.max(0, Math.min(width, prefix - index * width));
    return part & ~(2 ** (width - kept) - 1);
  });
}

/** The eight groups of an IPv6 address. The URL parser turns every notation into the same hexadecimal one. */
function groups(address: string): number[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [left = "", right = ""] = canonical.split("::");
  const head = left === "" ? [] : left.split(":");
  const tail = right === "" ? [] : right.split(":");
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
}
