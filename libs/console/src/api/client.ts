import createClient, { type Middleware } from 'openapi-fetch';
import { Problem } from './problem.ts';
import type { paths } from './schema.ts';

const problems: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) throw await Problem.from(response);
    return undefined;
  },
  onError: ({ error }) =>
    error instanceof DOMException && error.name === 'AbortError' ? error : Problem.unreachable(),
};

/** The API of this service, typed by its OpenAPI file. Every response other than 2xx is thrown as a `Problem`. */
export const api = createClient<paths>({
  baseUrl: location.origin,
  credentials: 'same-origin',
  // The service reads several values of a parameter from one text.
  querySerializer: { array: { style: 'form', explode: false } },
});
api.use(problems);

/** The body of a response that has one. */
export async function bodyOf<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  return data as T;
}
