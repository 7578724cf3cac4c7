/**
 * Moves the defaults of properties into their descriptions. Some client generators declare a property with a `default` as
 * required, since they use one type for requests and responses.
 */
export function describeDefaults<T extends object>(schemas: T): T {
  return withoutDefaults(schemas) as T;
}

function withoutDefaults(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutDefaults);
  if (typeof node !== 'object' || node === null) return node;
  const { properties } = node as { readonly properties?: Readonly<Record<string, object>> };
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withoutDefaults(value)]));
  if (properties === undefined) return copy;
  return { ...copy, properties: mapValues(copy['properties'] as Record<string, object>, withoutDefault) };
}

function withoutDefault(property: object): object {
  if (!('default' in property)) return property;
  const { default: value, ...rest } = property as { readonly default: unknown; readonly description?: string };
  const sentence = `Default: \`${typeof value === 'string' ? value : JSON.stringify(value)}\`.`;
  return { ...rest, description: rest.description === undefined ? sentence : `${rest.description} ${sentence}` };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
