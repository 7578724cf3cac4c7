import { AdapterRegistry } from '@score-crm/connections';
import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ForRestrictedKeys } from '../auth/connection-access.ts';
import { Requires } from '../auth/requires.decorator.ts';
import { describeVendor } from './describe-vendor.ts';
import { Vendor, VendorList } from './vendor.dto.ts';

@ApiTags('Vendors')
@Controller('vendors')
export class VendorsController {
  constructor(private readonly registry: AdapterRegistry) {}

  @Get()
  @ForRestrictedKeys()
  @Requires('read')
  @ApiOperation({ summary: 'List vendors with their fields, presets and capabilities', operationId: 'listVendors' })
  @ApiOkResponse({ type: VendorList })
  list(): VendorList {
    return { data: this.registry.all().map(describeVendor) };
  }

  @Get(':vendor')
  @ForRestrictedKeys()
  @Requires('read')
  @ApiOperation({ summary: 'Get a vendor', operationId: 'getVendor' })
  @ApiOkResponse({ type: Vendor })
  get(@Param('vendor') vendor: string): Vendor {
    return describeVendor(this.registry.get(vendor));
  }
}
