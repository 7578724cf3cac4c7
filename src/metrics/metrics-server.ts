import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '../config/configuration.ts';
import { hasMetricsToken, Scraper } from './scraper.ts';

/** Serves `/metrics`, and nothing else, on a port of its own. */
@Injectable()
export class MetricsServer implements OnApplicationShutdown {
  private readonly logger = new Logger(MetricsServer.name);
  private readonly server = createServer((request, response) => {
    this.answer(request, response).catch((error: unknown) => {
      this.logger.error('The metrics could not be read.', error);
      send(response, 500, 'The metrics could not be read.\n');
    });
  });

  constructor(
    private readonly scraper: Scraper,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** The port that it listens on. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** @throws Error if the port is in use */
  async listen(): Promise<void> {
    this.server.listen(this.configuration.metrics?.port, this.configuration.host);
    await once(this.server, 'listening');
    this.logger.log(`Metrics are at port ${String(this.port)}.`);
  }

  onApplicationShutdown(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer({ method, url, headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path] = (url ?? '').split('?');
    if (path !== '/metrics' || (method !== 'GET' && method !== 'HEAD')) {
      send(response, 404, 'Not found. The metrics are at /metrics.\n');
      return;
    }
    if (!hasMetricsToken(headers.authorization, this.configuration.metrics?.token)) {
      response.setHeader('www-authenticate', 'Bearer');
      send(response, 401, 'The token is missing or wrong. Send METRICS_TOKEN as a bearer token.\n');
      return;
    }
    send(response, 200, await this.scraper.scrape(), this.scraper.contentType);
  }
}

function send(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
}
