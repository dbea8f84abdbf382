import { z } from "zod";
import { type Endpoint, endpoint } from "./endpoint";
import { accessEndpoints } from "./endpoints/access";
import { auditEndpoints } from "./endpoints/audit";
import { catalogueEndpoints } from "./endpoints/catalogue";
import { connectionEndpoints } from "./endpoints/connections";
import { decidingEndpoints } from "./endpoints/deciding";
import { editingEndpoints } from "./endpoints/editing";
import { grantEndpoints } from "./endpoints/grants";
import { identityEndpoints } from "./endpoints/identities";
import { inventoryEndpoints } from "./endpoints/inventory";
import { matchRuleEndpoints } from "./endpoints/match-rules";
import { messageEndpoints } from "./endpoints/messages";
import { offboardingEndpoints } from "./endpoints/offboardings";
import { policyEndpoints } from "./endpoints/policies";
import { requestEndpoints } from "./endpoints/requests";
import { restorationEndpoints } from "./endpoints/restorations";
import { tokenEndpoints } from "./endpoints/tokens";
import { usageEndpoints } from "./endpoints/usage";
import { openApi } from "./openapi";

/** Every call there is, once. */
export const endpoints: readonly Endpoint[] = [
  ...identityEndpoints,
  ...inventoryEndpoints,
  ...accessEndpoints,
  ...connectionEndpoints,
  ...editingEndpoints,
  ...matchRuleEndpoints,
  ...catalogueEndpoints,
  ...requestEndpoints,
  ...decidingEndpoints,
  ...grantEndpoints,
  ...offboardingEndpoints,
  ...policyEndpoints,
  ...usageEndpoints,
  ...auditEndpoints,
  ...restorationEndpoints,
  ...tokenEndpoints,
  ...messageEndpoints,
  endpoint({
    method: "GET",
    path: "/openapi.json",
    summary: "This description, in OpenAPI 3.1",
    tag: "About",
    permission: null,
    answer: z.record(z.string(), z.unknown()),
    run: () => openApi(endpoints),
  }),
];
