// What can go wrong in a call to another thread, besides what the method itself throws.

/** A unit has no such method. */
export class UnknownMethodError extends Error {
  override readonly name = "UnknownMethodError";
  readonly code = "ERR_PLAIT_UNKNOWN_METHOD";
  readonly unit: string;
  readonly method: string;

  constructor(unit: string, method: string, methods: readonly string[]) {
    const has = methods.length === 0 ? "its service has no methods" : `it has ${methods.join(", ")}`;
    super(`${unit} has no method "${method}": ${has}`);
    this.unit = unit;
    this.method = method;
  }
}

/** Nobody serves under that id here now: the thread is being replaced, or it is none of this process. */
export class UnitNotServingError extends Error {
  override readonly name = "UnitNotServingError";
  readonly code = "ERR_PLAIT_UNIT_NOT_SERVING";
  readonly unit: string;

  constructor(unit: string, serving: readonly string[]) {
    super(
      `${unit} can't be called: ${serving.length === 0 ? "no unit of this process serves" : `serving here: ${serving.join(", ")}`}`,
    );
    this.unit = unit;
  }
}

/** Memory of that name can't be had as it was asked for. */
export class SharedMemoryError extends Error {
  override readonly name = "SharedMemoryError";
  readonly code = "ERR_PLAIT_SHARED_MEMORY";

  constructor(memory: string, what: string, options?: ErrorOptions) {
    super(`the shared memory "${memory}" can't be had: ${what}`, options);
  }
}

/** Code that runs in no unit of a service wants to call one. */
export class NoUnitsError extends Error {
  override readonly name = "NoUnitsError";
  readonly code = "ERR_PLAIT_NO_UNITS";

  constructor() {
    super("remote() and sharedMemory() work in code that a service's units run; this thread is none of them");
  }
}
