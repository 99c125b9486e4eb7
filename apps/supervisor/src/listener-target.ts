// Reads which listeners a command is about.

/** From "echo" or "echo/main"; left out, all of the only service. A listener's name may itself have slashes. */
export function listenersOf(target = ""): { readonly service?: string; readonly listener?: string } {
  const slash = target.indexOf("/");
  const service = slash < 0 ? target : target.slice(0, slash);
  return { ...(service !== "" && { service }), ...(slash >= 0 && { listener: target.slice(slash + 1) }) };
}
