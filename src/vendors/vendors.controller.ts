import { AdapterRegistry } from '@score-crm/connections';
import { Controller, Get, Param } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ForRestrictedKeys } from '../auth/connection-access.ts';
import { Requires } from '../auth/requires.decorator.ts';
import { Problem } from '../problems/problem.ts';
import { describeVendor } from './describe-vendor.ts';
import { Vendor, VendorList } from './vendor.dto.ts';

@ApiTags('vendors')
@Controller('vendors')
export class VendorsController {
  constructor(private readonly registry: AdapterRegistry) {}

  @Get()
  @ForRestrictedKeys()
  @Requires('read')
  @ApiOperation({ summary: 'All vendors, with their fields, presets and capabilities', operationId: 'listVendors' })
  @ApiOkResponse({ type: VendorList })
  list(): VendorList {
    return { data: this.registry.all().map(describeVendor) };
  }

  @Get(':vendor')
  @ForRestrictedKeys()
  @Requires('read')
  @ApiOperation({ summary: 'One vendor', operationId: 'getVendor' })
  @ApiOkResponse({ type: Vendor })
  @ApiNotFoundResponse({ type: Problem })
  get(@Param('vendor') vendor: string): Vendor {
    return describeVendor(this.registry.get(vendor));
  }
}
