import type { WebhookRequest } from '../../webhooks/webhook-receiver.ts';
import type { WebhookKey } from '../conformance-subject.ts';
import { leafPaths, type Path, replaced, valueAt } from './json-tree.ts';
import { jsonOf } from './parsed.ts';

type Value = string | readonly string[] | undefined;

/** One value of the credentials, wherever it is in the request. */
export interface CredentialPart {
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
