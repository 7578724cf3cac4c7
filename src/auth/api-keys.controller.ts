import { type FieldError, jsonPointer, validateSettings } from '@score-crm/adapter-kit';
import { InvalidInputError } from '@score-crm/connections';
import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { isISO8601, isRFC3339 } from 'class-validator';
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
  @ApiOperation({
    summary: 'Create an API key',
    description: 'The response contains the key. It is not shown again.',
    operationId: 'createApiKey',
  })
  @ApiBody({ type: CreateApiKey })
  @ApiCreatedResponse({ type: NewApiKeyResponse })
  async create(@CurrentPrincipal() caller: Principal, @Body() body: unknown): Promise<NewApiKeyResponse> {
    const { connectionIds, expiresAt, rest } = splitBody(body);
    const errors = [...connectionIdErrors(connectionIds), ...expiryErrors(expiresAt)];
    const input = validateSettings(CreateApiKey, rest);
    if (!input.ok) throw new InvalidInputError([...input.errors, ...errors]);
    if (errors.length > 0) throw new InvalidInputError(errors);
    return this.apiKeys.create(caller, input.value.name, input.value.scope as Scope, {
      connectionIds: (connectionIds ?? null) as readonly string[] | null,
      expiresAt: typeof expiresAt === 'string' ? new Date(expiresAt) : null,
    });
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

interface SplitBody {
  readonly connectionIds?: unknown;
  readonly expiresAt?: unknown;
  readonly rest: unknown;
}

/** Separates the fields that `validateSettings` cannot read. */
function splitBody(body: unknown): SplitBody {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { rest: body };
  const { connectionIds, expiresAt, ...rest } = body as Record<string, unknown>;
  return { connectionIds, expiresAt, rest };
}

function expiryErrors(value: unknown): FieldError[] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string' && isRFC3339(value) && isISO8601(value, { strict: true })) return [];
  const message = 'This is not a time. Send it as 2027-06-30T00:00:00Z, or null for a key that does not expire.';
  return [{ pointer: jsonPointer('expiresAt'), code: 'invalid_time', message }];
}

/** An empty list is an error: it could mean all connections or none. */
function connectionIdErrors(ids: unknown): FieldError[] {
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
