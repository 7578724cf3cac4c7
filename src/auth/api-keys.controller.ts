import { validateSettings } from '@score-crm/adapter-kit';
import { InvalidInputError } from '@score-crm/connections';
import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { Problem } from '../problems/problem.ts';
import { ApiKeyNotFoundError } from './api-key-not-found.error.ts';
import { ApiKeyList, CreateApiKey, NewApiKeyView } from './api-key.dto.ts';
import { ApiKeysService } from './api-keys.service.ts';
import { CurrentPrincipal, type Principal } from './principal.ts';
import { Requires } from './requires.decorator.ts';
import type { Scope } from './scope.ts';

@ApiTags('API keys')
@Controller('api/v1/api-keys')
export class ApiKeysController {
  constructor(private readonly apiKeys: ApiKeysService) {}

  @Post()
  @Requires('manage')
  @ApiOperation({ summary: 'Create a key for your organisation; it is shown this once', operationId: 'createApiKey' })
  @ApiBody({ type: CreateApiKey })
  @ApiCreatedResponse({ type: NewApiKeyView })
  @ApiUnprocessableEntityResponse({ type: Problem })
  async create(@CurrentPrincipal() caller: Principal, @Body() body: unknown): Promise<NewApiKeyView> {
    const input = validateSettings(CreateApiKey, body);
    if (!input.ok) throw new InvalidInputError(input.errors);
    return this.apiKeys.create(caller, input.value.name, input.value.scope as Scope);
  }

  @Get()
  @Requires('manage')
  @ApiOperation({ summary: 'The keys of your organisation that are not revoked', operationId: 'listApiKeys' })
  @ApiOkResponse({ type: ApiKeyList })
  async list(@CurrentPrincipal() caller: Principal): Promise<ApiKeyList> {
    return { data: await this.apiKeys.list(caller) };
  }

  @Delete(':id')
  @HttpCode(204)
  @Requires('manage')
  @ApiOperation({ summary: 'Revoke a key, at once', operationId: 'revokeApiKey' })
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ type: Problem })
  async revoke(@CurrentPrincipal() caller: Principal, @Param('id') id: string): Promise<void> {
    if (!(await this.apiKeys.revoke(caller, id))) throw new ApiKeyNotFoundError();
  }
}
