import { AdapterRegistry, type RegisteredAdapter } from '@score-crm/connections';
import { type DescribedField, describeFields } from '@score-crm/adapter-kit';
import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiRoutes } from '../routes/api-routes.ts';
import { ForRestrictedCallers, Requires } from '../callers/caller.ts';
import { Vendor, type VendorField, VendorList } from './vendor.dto.ts';

@ApiTags('Vendors')
@ApiRoutes()
@Controller('vendors')
export class VendorsController {
  constructor(private readonly registry: AdapterRegistry) {}

  @Get()
  @ForRestrictedCallers()
  @Requires('read')
  @ApiOperation({ summary: 'List vendors with their fields, presets and capabilities', operationId: 'listVendors' })
  @ApiOkResponse({ type: VendorList })
  list(): VendorList {
    return { data: this.registry.all().map(describeVendor) };
  }

  @Get(':vendor')
  @ForRestrictedCallers()
  @Requires('read')
  @ApiOperation({ summary: 'Get a vendor', operationId: 'getVendor' })
  @ApiOkResponse({ type: Vendor })
  get(@Param('vendor') vendor: string): Vendor {
    return describeVendor(this.registry.get(vendor));
  }
}

/** An adapter as the form needs it. */
export function describeVendor({ identity, adapter }: RegisteredAdapter): Vendor {
  return {
    ...identity,
    capabilities: adapter.capabilities,
    fields: describeFields(adapter.settings).map(describeField),
    presets: adapter.presets ?? [],
  };
}

function describeField(field: DescribedField): VendorField {
  const {
    secret = false,
    generated = false,
    bindsSecret = false,
    advanced = false,
    multiline = false,
    inboundOnly = false,
    ...rest
  } = field;
  return { ...rest, secret, generated, bindsSecret, advanced, multiline, inboundOnly };
}
