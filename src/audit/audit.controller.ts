import { AuditLogService, ConnectionsModule } from '@score-crm/connections';
import { Controller, Get, Module, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal } from '../auth/bearer.guard.ts';
import { type Principal, Requires } from '../auth/principal.ts';
import { AuditListQuery, AuditPage } from './audit.dto.ts';

@ApiTags('Audit')
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
  async list(@CurrentPrincipal() caller: Principal, @Query() query: AuditListQuery): Promise<AuditPage> {
    return this.audit.list(caller, query);
  }
}

@Module({ imports: [ConnectionsModule], controllers: [AuditController] })
export class AuditModule {}
