import { ApiRoutes, Requires } from '@score-crm/connections-http';
import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ApiKeyNotFoundError } from './auth.errors.ts';
import { ApiKeyList, type CreateApiKey, NewApiKeyResponse } from './api-key.dto.ts';
import { ApiKeysService } from './api-keys.service.ts';
import { CurrentPrincipal, type Principal } from './principal.ts';

@ApiTags('API keys')
@ApiRoutes()
@Controller('api-keys')
export class ApiKeysController {
  constructor(private readonly apiKeys: ApiKeysService) {}

  @Post()
  @Requires('manage')
  @ApiOperation({
    summary: 'Create an API key',
    description: 'The response contains the key. It is not shown again.',
    operationId: 'createApiKey',
  })
  @ApiBody({ schema: { $ref: '#/components/schemas/CreateApiKey' } })
  @ApiCreatedResponse({ type: NewApiKeyResponse })
  async create(@CurrentPrincipal() caller: Principal, @Body() body: CreateApiKey): Promise<NewApiKeyResponse> {
    return this.apiKeys.create(caller, body);
  }

  @Get()
  @Requires('manage')
  @ApiOperation({ summary: 'List API keys', operationId: 'listApiKeys' })
  @ApiOkResponse({ type: ApiKeyList })
  async list(@CurrentPrincipal() caller: Principal): Promise<ApiKeyList> {
    return { data: await this.apiKeys.list(caller) };
  }

  @Delete(':id')
  @HttpCode(204)
  @Requires('manage')
  @ApiOperation({ summary: 'Revoke an API key', operationId: 'revokeApiKey' })
  @ApiNoContentResponse()
  async revoke(@CurrentPrincipal() caller: Principal, @Param('id') id: string): Promise<void> {
    if (!(await this.apiKeys.revoke(caller, id))) throw new ApiKeyNotFoundError();
  }
}
