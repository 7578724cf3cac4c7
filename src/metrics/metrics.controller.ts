import { Public } from '@score-crm/connections-http';
import {
  Controller,
  Get,
  Header,
  Headers,
  Inject,
  Req,
  Res,
  UnauthorizedException,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SignInLimiter } from '../auth/bearer.guard.ts';
import { CONFIGURATION, type Configuration } from '../config/configuration.ts';
import { ServedDuring } from '../lifecycle/lifecycle.ts';
import { hasMetricsToken, Scraper } from './scraper.ts';

/** `/metrics` on the port of the API, where only a token protects it. Operators use it, not clients of the API. */
@ApiExcludeController()
@Public()
@Controller({ path: 'metrics', version: VERSION_NEUTRAL })
export class MetricsController {
  constructor(
    private readonly scraper: Scraper,
    private readonly signIns: SignInLimiter,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @ServedDuring('starting', 'serving', 'stopping')
  async scrape(
    @Headers('authorization') authorization: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const token = this.configuration.metrics?.token;
    if (token === undefined || !hasMetricsToken(authorization, token)) {
      await this.signIns.failed(request.ip);
      void reply.header('www-authenticate', 'Bearer');
      throw new UnauthorizedException('The token is missing or wrong. Send METRICS_TOKEN as a bearer token.');
    }
    void reply.type(this.scraper.contentType);
    return this.scraper.scrape();
  }
}
