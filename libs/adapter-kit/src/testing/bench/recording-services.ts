import { AdapterError } from '../../errors/adapter-error.ts';
import { HttpClient, type HttpRequest } from '../../http/http-client.ts';
import type { HttpResponse } from '../../http/http-response.ts';
import { type ConnectTarget, OutboundConnector } from '../../outbound/outbound-connector.ts';
import { VendorEndpoints } from '../../outbound/vendor-endpoints.ts';
import { type AdapterServices, LOOPBACK } from './services.ts';

/** What an adapter sent, or would have sent, and where to. */
export interface Recording {
  readonly requests: HttpRequest[];
  /** Host and port. */
  readonly targets: string[];
}

/** Services that keep what they are asked for and reach nobody. The vendor's own addresses are in force. */
export function recordingServices(): AdapterServices & { readonly recording: Recording } {
  const recording: Recording = { requests: [], targets: [] };
  return {
    recording,
    http: new RecordingHttpClient(recording, () => Promise.reject(nobody())),
    connector: new RecordingConnector(recording),
    endpoints: new VendorEndpoints(),
  };
}

/** The same, where what is sent over HTTP is sent on. */
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
    return Promise.reject(nobody());
  }
}

function nobody(): AdapterError {
  return new AdapterError({
    stage: 'connect',
    code: 'connection_refused',
    fault: 'network',
    retryable: true,
    hint: 'Nothing is reached from here.',
  });
}
