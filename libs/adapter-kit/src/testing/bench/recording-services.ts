import { AdapterError } from '../../errors/adapter-error.ts';
import { HttpClient, type HttpRequest } from '../../http/http-client.ts';
import type { HttpResponse } from '../../http/http-response.ts';
import { type ConnectTarget, OutboundConnector } from '../../outbound/outbound-connector.ts';
import { VendorEndpoints } from '../../outbound/vendor-endpoints.ts';
import { type AdapterServices, LOOPBACK } from './services.ts';

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
