// The services of a deployment, found by their names or by what belongs to them.
import { UnknownNameError } from "./errors.ts";
import type { SupervisedService } from "./supervised-service.ts";

/** It owns nothing: whoever starts a service ends it. */
export class Services {
  readonly #all: SupervisedService[] = [];

  get all(): readonly SupervisedService[] {
    return this.#all;
  }

  add(service: SupervisedService): void {
    this.#all.push(service);
  }

  /**
   * The service of that name; the only one when there is no name.
   *
   * @throws {UnknownNameError} when there is no such service, or a choice of several
   */
  named(name: string | undefined): SupervisedService {
    const [only, ...others] = this.#all;
    const service =
      name === undefined && others.length === 0 ? only : this.#all.find(({ config }) => config.name === name);
    if (!service) throw new UnknownNameError("service", name, this.names);
    return service;
  }

  /**
   * The service that has a process, or the process of a thread.
   *
   * @param unit `"p2"` or `"p2.t1"`
   * @throws {UnknownNameError} when none has
   */
  owning(unit: string): SupervisedService {
    const service = this.find(unit);
    if (!service) throw new UnknownNameError("unit", unit, this.processes);
    return service;
  }

  /** The same, and undefined when none has it. */
  find(unit: string): SupervisedService | undefined {
    const [process = ""] = unit.split(".");
    return this.#all.find(({ units }) => units.includes(process));
  }

  get names(): readonly string[] {
    return this.#all.map(({ config }) => config.name);
  }

  /** The ids of all processes. */
  get processes(): readonly string[] {
    return this.#all.flatMap(({ units }) => units);
  }
}
