import { Readable } from 'node:stream';
import { type AddSuppressionInput, type CheckSuppressionsInput, SuppressionsService } from '@score-crm/connections';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res, StreamableFile } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import { ApiRoutes } from '../routes/api-routes.ts';
import { type ApiCaller, CurrentCaller, Requires } from '../callers/caller.ts';
import type { HttpRequest, HttpResponse } from '../http/messages.ts';
import { StreamedBody } from '../bodies/json-bodies.ts';
import { streamBody } from '../bodies/stream-body.ts';
import {
  CheckedAddressList,
  SuppressionImportResponse,
  SuppressionListQuery,
  SuppressionPage,
  SuppressionResponse,
} from './suppression.dto.ts';

const CSV = 'text/csv';
/** About 20 million addresses. */
const IMPORT_BYTES = 512 << 20;

@ApiTags('Suppressions')
@ApiRoutes()
@Controller('suppressions')
export class SuppressionsController {
  constructor(private readonly suppressions: SuppressionsService) {}

  @Get()
  @Requires('send')
  @ApiOperation({
    summary: 'List suppressed addresses, newest first',
    description:
      'Messages are not sent to these addresses, unless the connection has `checkSuppressions` set to false.',
    operationId: 'listSuppressions',
  })
  @ApiOkResponse({ type: SuppressionPage })
  async list(@CurrentCaller() caller: ApiCaller, @Query() query: SuppressionListQuery): Promise<SuppressionPage> {
    return this.suppressions.list(caller, query);
  }

  @Post()
  @Requires('send')
  @ApiOperation({
    summary: 'Suppress an address',
    description:
      'If events have suppressed the address already, its reason stays theirs. If someone has added it before, nothing changes.',
    operationId: 'addSuppression',
  })
  @ApiBody({ schema: { $ref: '#/components/schemas/AddSuppression' } })
  @ApiCreatedResponse({ type: SuppressionResponse, description: 'The address is suppressed.' })
  @ApiOkResponse({ type: SuppressionResponse, description: 'The address was suppressed before.' })
  async add(
    @CurrentCaller() caller: ApiCaller,
    @Body() body: AddSuppressionInput,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<SuppressionResponse> {
    const { suppression, created } = await this.suppressions.add(caller, body);
    response.status(created ? 201 : 200);
    return suppression;
  }

  @Delete(':address')
  @HttpCode(204)
  @Requires('manage')
  @ApiOperation({
    summary: 'Remove a suppression',
    description:
      'Messages are sent to the address again. Events that were received before no longer count; a later bounce, complaint or unsubscription suppresses the address again.',
    operationId: 'removeSuppression',
  })
  @ApiParam({ name: 'address', description: 'The address, percent-encoded, in any case.', example: 'ada@example.com' })
  @ApiNoContentResponse()
  async remove(@CurrentCaller() caller: ApiCaller, @Param('address') address: string): Promise<void> {
    await this.suppressions.remove(caller, address);
  }

  @Post('check')
  @HttpCode(200)
  @Requires('send')
  @ApiOperation({ summary: 'Check which of up to 1,000 addresses are suppressed', operationId: 'checkSuppressions' })
  @ApiBody({ schema: { $ref: '#/components/schemas/CheckSuppressions' } })
  @ApiOkResponse({ type: CheckedAddressList })
  async check(@CurrentCaller() caller: ApiCaller, @Body() body: CheckSuppressionsInput): Promise<CheckedAddressList> {
    return { data: await this.suppressions.check(caller, body) };
  }

  @Post('import')
  @HttpCode(200)
  @Requires('manage')
  @StreamedBody()
  @ApiOperation({
    summary: 'Import addresses from a CSV file',
    description:
      'Suppresses the addresses with the reason `list_import`. The file has one address per line, or a column named `email` or `address` (other usual spellings are recognized); without such a column, the first one is used. Fields are separated by commas, semicolons or tabs. The service imports the file while it receives it, up to 512 MiB. If the import ends early, send the file again: addresses that were imported count as already suppressed.',
    operationId: 'importSuppressions',
  })
  @ApiConsumes(CSV)
  @ApiBody({ schema: { type: 'string', example: 'email\nada@example.com\neve@example.com\n' } })
  @ApiOkResponse({ type: SuppressionImportResponse })
  async import(
    @CurrentCaller() caller: ApiCaller,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<SuppressionImportResponse> {
    return this.suppressions.import(caller, streamBody(request, response, { mediaTypes: [CSV], bytes: IMPORT_BYTES }));
  }

  @Get('export')
  @Requires('manage')
  @ApiOperation({
    summary: 'Export all suppressed addresses as CSV',
    description:
      'The columns are `email`, `reason`, `created_at`, `occurred_at`, `connection_id`, `event_id` and `note`, the oldest suppressions first. Fields that a spreadsheet would run as a formula begin with an apostrophe, which an import removes. Erased addresses are left out.',
    operationId: 'exportSuppressions',
  })
  @ApiProduces(CSV)
  @ApiOkResponse({
    description: 'The file.',
    content: { [CSV]: { schema: { type: 'string' } } },
  })
  export(@CurrentCaller() caller: ApiCaller): StreamableFile {
    // The next page is read when the client has received most of the one before.
    const file = Readable.from(this.suppressions.export(caller), { objectMode: false });
    return new StreamableFile(file, {
      type: `${CSV}; charset=utf-8`,
      disposition: 'attachment; filename="suppressions.csv"',
    });
  }
}
