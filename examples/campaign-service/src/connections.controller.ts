import {
  type Connection,
  ConnectionsService,
  type CreateConnectionInput,
  WebhookRegistrationService,
} from '@score-crm/connections';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { CALLER } from './configuration.ts';

@Controller('connections')
export class ConnectionsController {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly webhooks: WebhookRegistrationService,
  ) {}

  /** Creates a connection, and has the vendor post its events to this application. */
  @Post()
  async create(@Body() input: CreateConnectionInput): Promise<Connection> {
    const { id } = await this.connections.create(CALLER, input);
    await this.webhooks.register(CALLER, id);
    return this.connections.get(CALLER, id);
  }

  /** What a campaign can choose, each with its default sender. */
  @Get()
  async list(): Promise<readonly Connection[]> {
    return (await this.connections.list(CALLER, { limit: 100, enabled: true })).data;
  }
}
