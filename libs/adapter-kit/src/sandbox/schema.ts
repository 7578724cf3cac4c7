/** The rules for a member. A check returns the problems it finds; `field` is the member's path in dot notation. */
export interface SchemaFault {
  readonly field: string;
  readonly message: string;
}
export type Schema = (value: unknown, field: string) => readonly SchemaFault[];

const OK: readonly SchemaFault[] = [];

function fault(field: string, message: string): readonly SchemaFault[] {
  return [{ field, message }];
}

export function text(limits: { min?: number; max?: number; pattern?: Pick<RegExp, 'test'> } = {}): Schema {
  const { min = 0, max = Infinity, pattern = /^/ } = limits;
  return (value, field) => {
    if (typeof value !== 'string') return fault(field, `The ${field} parameter must be a string.`);
    if (value.length < min) return fault(field, `The ${field} parameter must be at least ${String(min)} character(s).`);
    if (value.length > max) return fault(field, `The ${field} parameter must be at most ${String(max)} characters.`);
    return pattern.test(value) ? OK : fault(field, `The ${field} parameter does not have a valid value.`);
  };
}

export const flag: Schema = (value, field) =>
  typeof value === 'boolean' ? OK : fault(field, `The ${field} parameter must be a boolean.`);

export const integer: Schema = (value, field) =>
  Number.isInteger(value) ? OK : fault(field, `The ${field} parameter must be an integer.`);

export const anything: Schema = () => OK;

export function list(item: Schema, { min = 0, max = Infinity }: { min?: number; max?: number } = {}): Schema {
  return (value, field) => {
    if (!Array.isArray(value)) return fault(field, `The ${field} parameter must be an array.`);
    if (value.length < min) return fault(field, `The ${field} array is required and must have at least one object.`);
    if (value.length > max) return fault(field, `The ${field} array may have at most ${String(max)} objects.`);
    return value.flatMap((one, index) => item(one, `${field}.${String(index)}`));
  };
}

/** An object of strings with arbitrary names. */
export const texts: Schema = (value, field) => {
  if (!isObject(value)) return fault(field, `The ${field} parameter must be an object.`);
  return Object.entries(value).flatMap(([name, one]) => text()(one, `${field}.${name}`));
};

/** An object with exactly these members. */
export function object(members: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return (value, field) => {
    if (!isObject(value)) return fault(field, `The ${field} parameter must be an object.`);
    const path = (name: string): string => (field === '' ? name : `${field}.${name}`);
    const missing = required.filter((name) => value[name] === undefined);
    return [
      ...missing.flatMap((name) => fault(path(name), `The ${path(name)} parameter is required.`)),
      ...Object.entries(value).flatMap(([name, one]) =>
        Object.hasOwn(members, name)
          ? (members[name]?.(one, path(name)) ?? OK)
          : fault(path(name), `Additional property ${name} is not allowed`),
      ),
    ];
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
