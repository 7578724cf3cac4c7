import { AuditLogService } from '@score-crm/connections';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiRoutes } from '../routes/api-routes.ts';
import { type ApiCaller, CurrentCaller, Requires } from '../callers/caller.ts';
import { AuditListQuery, AuditPage } from './audit.dto.ts';

@ApiTags('Audit')
@ApiRoutes()
@Controller('audit')
export class AuditController {
  constructor(private readonly audit: AuditLogService) {}

  @Get()
  @Requires('manage')
  @ApiOperation({
    summary: 'List who changed what',
    description:
      'Returns the audit entries of your organization, newest first. They contain the names of changed fields, and no values.',
    operationId: 'listAuditEntries',
  })
  @ApiOkResponse({ type: AuditPage })
  async list(@CurrentCaller() caller: ApiCaller, @Query() query: AuditListQuery): Promise<AuditPage> {
    return this.audit.list(caller, query);
  }
}
