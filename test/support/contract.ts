import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADAPTER_ERROR_CODES } from '@score-crm/adapter-kit';
import { FIELD_ERROR_DESCRIPTIONS } from '@score-crm/connections-http';
import type { ValidateFunction } from 'ajv/dist/2020.js';

declare global {
  /** Of environment.js. */
  var compileSchema: (document: string, schema: string) => ValidateFunction;
}

/** A response as a test received it. */
export interface ReceivedResponse {
  readonly method: string;
  /** With or without a query. */
  readonly path: string;
  readonly status: number;
  readonly contentType: string | null;
  readonly text: string;
}

interface DeclaredResponse {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, DeclaredResponse | { readonly $ref: string }>>;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly responses: Readonly<Record<string, DeclaredResponse>>;
  };
}

/** A response that docs/openapi.json does not declare. */
export class ContractViolation extends Error {
  override readonly name = 'ContractViolation';
}

const PROBLEM = 'application/problem+json';
/** Below these, every path belongs to the API. The rest is the console and its documentation. */
const API_PATHS = /^\/(api\/v1|webhooks|health)(\/|$)/;
/** What paths and methods that no operation has may return: also before and after the service serves requests. */
const WITHOUT_OPERATION = new Set([400, 401, 404, 405, 414, 503]);

/** Checks responses against an OpenAPI document. */
export class Contract {
  private readonly validators = new Map<object, ValidateFunction>();
  private readonly schemas: string;
  private readonly routes: { readonly segments: readonly string[]; readonly methods: Record<string, Operation> }[];

  constructor(
    private readonly document: OpenApi,
    private readonly onSeen: (operationId: string, status: number) => void = () => undefined,
  ) {
    this.schemas = JSON.stringify(closed({ $id: 'openapi', components: { schemas: document.components.schemas } }));
    this.routes = Object.entries(document.paths)
      .map(([path, methods]) => ({ segments: path.split('/'), methods }))
      // A path without parameters is preferred, as by the router.
      .toSorted((a, b) => parametersIn(a.segments) - parametersIn(b.segments));
  }

  /** @throws ContractViolation if the document does not declare the status, the content type or the content */
  check(received: ReceivedResponse): void {
    const path = received.path.replace(/[?#].*$/, '').replace(/(?<=.)\/$/, '');
    if (!API_PATHS.test(path)) return;
    const methods = this.methodsOf(path);
    const isHead = received.method === 'HEAD';
    const operation = methods?.[received.method.toLowerCase()] ?? (isHead ? methods?.['get'] : undefined);
    const name = operation?.operationId ?? `${received.method} ${path}`;
    const fail = (problem: string): never => {
      throw new ContractViolation(
        `${name} ${String(received.status)}: ${problem}\nResponse: ${received.text.slice(0, 500)}`,
      );
    };
    if (operation === undefined) {
      if (!WITHOUT_OPERATION.has(received.status)) fail('docs/openapi.json has no such operation');
      this.checkContent({ [PROBLEM]: { schema: PROBLEM_SCHEMA } }, received, isHead, fail);
      return;
    }
    const declared = this.resolve(operation.responses[String(received.status)]);
    if (declared === undefined) return fail('the status is not declared');
    this.checkContent(declared.content, received, isHead, fail);
    this.onSeen(operation.operationId, received.status);
  }

  private methodsOf(path: string): Record<string, Operation> | undefined {
    const actual = path.split('/');
    return this.routes.find(
      ({ segments }) =>
        segments.length === actual.length &&
        segments.every((segment, at) => segment === actual[at] || (segment.startsWith('{') && actual[at] !== '')),
    )?.methods;
  }

  private resolve(response: Operation['responses'][string] | undefined): DeclaredResponse | undefined {
    if (response === undefined || !('$ref' in response)) return response;
    return this.document.components.responses[response.$ref.replace('#/components/responses/', '')];
  }

  private checkContent(
    content: DeclaredResponse['content'],
    { contentType, text, status }: ReceivedResponse,
    isHead: boolean,
    fail: (problem: string) => never,
  ): void {
    if (content === undefined) {
      if (text !== '') fail('no content is declared');
      return;
    }
    const mediaType = (contentType ?? '').replace(/;.*$/, '').trim();
    const declared = content[mediaType];
    if (declared === undefined) return fail(`the content type "${contentType ?? ''}" is not declared`);
    // The response to HEAD has the headers only.
    if (isHead) return;
    if (!mediaType.endsWith('json')) return;
    const body: unknown = JSON.parse(text);
    const validate = this.validatorOf(declared.schema);
    if (!validate(body)) {
      const problems = validate.errors?.map(({ instancePath, message, params }) => {
        return `${instancePath === '' ? '/' : instancePath} ${message ?? ''} ${JSON.stringify(params)}`;
      });
      fail(`the body differs from its schema:\n  ${problems?.join('\n  ') ?? ''}`);
    }
    if (mediaType !== PROBLEM) return;
    const problem = body as { readonly status?: number; readonly errors?: readonly { readonly code: string }[] };
    if (problem.status !== status) fail('/status is another one');
    const unknown = problem.errors?.find(({ code }) => !FIELD_ERROR_CODES.has(code));
    if (unknown !== undefined) fail(`docs/errors.md has no field error code ${unknown.code}`);
  }

  private validatorOf(schema: object): ValidateFunction {
    const known = this.validators.get(schema);
    if (known !== undefined) return known;
    const text = JSON.stringify(closed(schema)).replaceAll('"#/components/', '"openapi#/components/');
    const validate = compileSchema(this.schemas, text);
    this.validators.set(schema, validate);
    return validate;
  }
}

/** What docs/errors.md lists. */
const FIELD_ERROR_CODES = new Set<string>([...Object.keys(FIELD_ERROR_DESCRIPTIONS), ...ADAPTER_ERROR_CODES]);
const PROBLEM_SCHEMA = { $ref: '#/components/schemas/Problem' };

/** The same schema, in which objects have no other properties than the declared ones. */
function closed<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map((item: unknown) => closed(item)) as T;
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed<unknown>(value)]));
  const isOpen = 'properties' in copy && copy['type'] === 'object' && !('additionalProperties' in copy);
  return (isOpen ? { ...copy, additionalProperties: false } : copy) as T;
}

function parametersIn(segments: readonly string[]): number {
  return segments.filter((segment) => segment.startsWith('{')).length;
}

const recorded = new Set<string>();

/** Every worker keeps what it has seen in a file of its own, which contract-reporter.js reads at the end of the run. */
function record(operationId: string, status: number): void {
  const line = `${operationId} ${String(status)}`;
  const folder = process.env['TEST_FOLDER'];
  if (folder === undefined || recorded.has(line)) return;
  recorded.add(line);
  appendFileSync(join(folder, `seen-responses-${String(process.pid)}.txt`), `${line}\n`);
}

let contract: Contract | undefined;

/** Checks a response against docs/openapi.json. @throws ContractViolation */
export function checkContract(received: ReceivedResponse): void {
  contract ??= new Contract(JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as OpenApi, record);
  contract.check(received);
}

/** `fetch`, of which every response is checked against docs/openapi.json. */
export async function checkedFetch(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, init);
  const { pathname } = new URL(url);
  checkContract({
    method: init.method ?? 'GET',
    path: pathname,
    status: response.status,
    contentType: response.headers.get('content-type'),
    text: await response.clone().text(),
  });
  return response;
}
