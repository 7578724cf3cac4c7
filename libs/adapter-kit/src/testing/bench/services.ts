import type { Type } from '@nestjs/common';
import { HttpClient, type HttpRequest, type HttpResponse } from '../../http/http-client.ts';
import { type ConnectTarget, OutboundConnector } from '../../outbound/outbound-connector.ts';
import { OutboundPolicy } from '../../outbound/outbound-policy.ts';
import { VendorEndpoints } from '../../http/vendor-api.ts';
import { AdapterError } from '../../errors/adapter-error.ts';

/** The services that the application provides to adapters. */
export interface AdapterServices {
  readonly http: HttpClient;
  readonly connector: OutboundConnector;
  readonly endpoints: VendorEndpoints;
}

export const LOOPBACK = new OutboundPolicy({ allowLoopback: true });

/** @throws TypeError if the constructor requests something that the application does not provide */
export function makeAdapter<A>(type: Type<A>, { http, connector, endpoints }: AdapterServices): A {
  const provided = new Map<unknown, unknown>([
    [HttpClient, http],
    [OutboundConnector, connector],
    [OutboundPolicy, LOOPBACK],
    [VendorEndpoints, endpoints],
  ]);
  const wanted = wantedBy(type);
  for (const token of wanted) {
    if (provided.has(token)) continue;
    const name = typeof token === 'function' ? token.name : String(token);
    throw new TypeError(
      `The constructor of ${type.name} requests ${name}. Adapters can inject HttpClient, VendorEndpoints, OutboundConnector and OutboundPolicy of this copy of the kit, imported as values.`,
    );
  }
  return new type(...wanted.map((token) => provided.get(token)));
}

/** Whether the adapter uses HTTP, that is, injects the client. */
export function speaksHttp(type: Type): boolean {
  return wantedBy(type).includes(HttpClient);
}

function wantedBy(type: Type): readonly unknown[] {
  return (Reflect.getMetadata('design:paramtypes', type) as readonly unknown[] | undefined) ?? [];
}

/** What an adapter sent, or would have sent, and where. */
export interface Recording {
  readonly requests: HttpRequest[];
  /** Host and port. */
  readonly targets: string[];
}

/** Services that record requests and reach no one. The vendor's default addresses are in effect. */
export function recordingServices(): AdapterServices & { readonly recording: Recording } {
  const recording: Recording = { requests: [], targets: [] };
  return {
    recording,
    http: new RecordingHttpClient(recording, () => Promise.reject(unreachable())),
    connector: new RecordingConnector(recording),
    endpoints: new VendorEndpoints(),
  };
}

/** The same, except that HTTP requests are forwarded. */
export function listeningServices(endpoints: VendorEndpoints, http: HttpClient): ReturnType<typeof recordingServices> {
  const recording: Recording = { requests: [], targets: [] };
  return {
    recording,
    http: new RecordingHttpClient(recording, (request) => http.request(request)),
    connector: new RecordingConnector(recording),
    endpoints,
  };
}

class RecordingHttpClient extends HttpClient {
  constructor(
    private readonly recording: Recording,
    private readonly next: (request: HttpRequest) => Promise<HttpResponse>,
  ) {
    super(LOOPBACK);
  }

  override request(options: HttpRequest): Promise<HttpResponse> {
    this.recording.requests.push(options);
    return this.next(options);
  }
}

class RecordingConnector extends OutboundConnector {
  constructor(private readonly recording: Recording) {
    super(LOOPBACK);
  }

  override connect({ host, port }: ConnectTarget): Promise<never> {
    this.recording.targets.push(`${host}:${String(port)}`);
    return Promise.reject(unreachable());
  }
}

function unreachable(): AdapterError {
  return new AdapterError({
    stage: 'connect',
    code: 'connection_refused',
    fault: 'network',
    retryable: true,
    hint: 'There is no network here.',
  });
}
