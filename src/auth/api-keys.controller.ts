import { type FieldError, jsonPointer, validateSettings } from '@score-crm/adapter-kit';
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
import { ApiKeyList, CreateApiKey, NewApiKeyResponse } from './api-key.dto.ts';
import { ApiKeysService, MAX_KEY_CONNECTIONS } from './api-keys.service.ts';
import { CurrentPrincipal, type Principal } from './principal.ts';
import { Requires } from './requires.decorator.ts';
import type { Scope } from './scope.ts';

@ApiTags('API keys')
@Controller('api-keys')
export class ApiKeysController {
  constructor(private readonly apiKeys: ApiKeysService) {}

  @Post()
  @Requires('manage')
  @ApiOperation({ summary: 'Create a key for your organization; it is shown this once', operationId: 'createApiKey' })
  @ApiBody({ type: CreateApiKey })
  @ApiCreatedResponse({ type: NewApiKeyResponse })
  @ApiUnprocessableEntityResponse({ type: Problem })
  async create(@CurrentPrincipal() caller: Principal, @Body() body: unknown): Promise<NewApiKeyResponse> {
    const { connectionIds, rest } = splitBody(body);
    const errors = connectionIdFaults(connectionIds);
    const input = validateSettings(CreateApiKey, rest);
    if (!input.ok) throw new InvalidInputError([...input.errors, ...errors]);
    if (errors.length > 0) throw new InvalidInputError(errors);
    const ids = (connectionIds ?? null) as readonly string[] | null;
    return this.apiKeys.create(caller, input.value.name, input.value.scope as Scope, ids);
  }

  @Get()
  @Requires('manage')
  @ApiOperation({ summary: 'The keys of your organization that are not revoked', operationId: 'listApiKeys' })
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

/** The field that is a list, and the others, which `validateSettings` reads. */
function splitBody(body: unknown): { readonly connectionIds?: unknown; readonly rest: unknown } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { rest: body };
  const { connectionIds, ...rest } = body as Record<string, unknown>;
  return { connectionIds, rest };
}

/** An empty list is a fault: it could mean all connections or none. */
function connectionIdFaults(ids: unknown): FieldError[] {
  if (ids === undefined || ids === null) return [];
  const pointer = jsonPointer('connectionIds');
  if (!Array.isArray(ids) || ids.some((id) => typeof id !== 'string')) {
    return [{ pointer, code: 'wrong_type', message: 'Send an array of connection ids, or null for all connections.' }];
  }
  if (ids.length === 0 || ids.length > MAX_KEY_CONNECTIONS) {
    const message = `Name 1 to ${String(MAX_KEY_CONNECTIONS)} connections, or send null for all connections.`;
    return [{ pointer, code: ids.length === 0 ? 'required' : 'too_many', message }];
  }
  return [];
}
