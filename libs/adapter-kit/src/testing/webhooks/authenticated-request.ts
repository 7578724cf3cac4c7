import type { WebhookRequest } from '../../webhooks/webhook-receiver.ts';
import type { WebhookKey } from '../bench/conformance-rules.ts';
import { leafPaths, type Path, replaced, valueAt } from './arbitraries.ts';
import { jsonOf } from './parsed.ts';

type Value = string | readonly string[] | undefined;

/** One value of the credentials, wherever it is in the request. */
interface CredentialPart {
  readonly name: string;
  readonly value: string;
  /** The same request with another value, or without one. A body has at most one value. */
  readonly with: (value: Value) => WebhookRequest;
  /** Whether it could occur twice. */
  readonly repeatable: boolean;
}

export interface AuthenticatedRequest {
  readonly request: WebhookRequest;
  readonly parts: readonly CredentialPart[];
  /** Whether any of the credentials are in the body. */
  readonly inBody: boolean;
}

/** A request as the vendor makes it, and the parts of it that are its credentials. */
export function authenticatedRequest(key: WebhookKey, body: Uint8Array): AuthenticatedRequest {
  const { headers = {}, query = {}, body: authenticatedBody = body } = key.sign(body);
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const request: WebhookRequest = { headers: lower, query, body: authenticatedBody };
  const inBody = partsOfBody(request, body);
  return {
    request,
    parts: [...partsOf(request, 'headers'), ...partsOf(request, 'query'), ...inBody],
    inBody: inBody.length > 0,
  };
}

function partsOf(request: WebhookRequest, place: 'headers' | 'query'): readonly CredentialPart[] {
  return Object.entries(request[place]).flatMap(([name, value]) =>
    typeof value === 'string'
      ? [
          {
            name: `${place === 'query' ? 'parameter' : 'header'} ${name}`,
            value,
            with: (other: Value) => ({ ...request, [place]: { ...request[place], [name]: other } }),
            repeatable: true,
          },
        ]
      : [],
  );
}

/** The members of the body that were added or changed by the authentication. */
function partsOfBody(request: WebhookRequest, before: Uint8Array): readonly CredentialPart[] {
  const [json, original] = [jsonOf(request.body)?.json, jsonOf(before)?.json];
  return leafPaths(json).flatMap((path) => {
    const value = valueAt(json, path);
    if (typeof value !== 'string' || valueAt(original, path) === value) return [];
    const name = `member ${path.join('.')}`;
    return [{ name, value, with: (other: Value) => withMember(request, path, other), repeatable: false }];
  });
}

function withMember(request: WebhookRequest, path: Path, value: Value): WebhookRequest {
  return { ...request, body: Buffer.from(JSON.stringify(replaced(jsonOf(request.body)?.json, path, value))) };
}

const MOST = 200;

/** Other values that are close to one. The last characters of base64 may be insignificant, so they are not changed. */
export function alterations(value: string): readonly string[] {
  const positions = spread(Math.max(1, value.length - 2));
  const changed = positions.map((at) => value.slice(0, at) + otherThan(value[at] ?? '') + value.slice(at + 1));
  return [
    ...changed,
    value.slice(1),
    value.slice(0, Math.floor(value.length / 2)),
    `x${value}`,
    value.split('').toReversed().join(''),
  ].filter((altered) => altered !== value && altered !== '');
}

interface AlteredBody {
  readonly body: Uint8Array;
  readonly how: string;
}

/** Bodies that are close to one. */
export function alteredBodies(body: Uint8Array): readonly AlteredBody[] {
  const json = jsonOf(body);
  const rewritten =
    json === undefined ? [] : [Buffer.from(JSON.stringify(json.json)), Buffer.from(JSON.stringify(json.json, null, 1))];
  return [
    ...flippedBits(body).map((flipped, index) => ({
      body: flipped,
      how: `bit ${String(index + 1)} of those tried`,
    })),
    { body: body.subarray(1), how: 'the first byte cut off' },
    { body: body.subarray(0, -1), how: 'the last byte cut off' },
    { body: Buffer.concat([body, Buffer.from('\n')]), how: 'a line break added at the end' },
    ...rewritten.map((other) => ({ body: other, how: 'parsed and written again' })),
  ].filter((altered) => Buffer.compare(altered.body, body) !== 0);
}

/** Copies with one bit flipped each. */
function flippedBits(body: Uint8Array): readonly Uint8Array[] {
  return spread(body.length).map((at) => {
    const copy = Uint8Array.from(body);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  });
}

/** Not the same letter in another case: a scheme such as Basic is case-insensitive. */
function otherThan(character: string): string {
  return character.toLowerCase() === 'a' ? 'B' : 'A';
}

/** Positions spread over a value, including the first and the last; all of them if there are few. */
function spread(length: number): readonly number[] {
  const count = Math.min(length, MOST);
  return Array.from({ length: count }, (_none, index) => Math.floor((index * length) / count)).concat(
    length > MOST ? [length - 1] : [],
  );
}
