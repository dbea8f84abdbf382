import type { Connector } from "./contract";
import { csv } from "./csv/connector";
import { demo } from "./demo/connector";
import { json } from "./json/connector";
import { ldap } from "./ldap/connector";
import { ldif } from "./ldap/ldif-connector";
import { postgresql } from "./postgresql/connector";

/** Every kind of system that Rollcall connects to. One literal object: what is not here does not exist. */
export const connectors = { postgresql, ldap, ldif, csv, json, demo } as const satisfies Record<string, Connector>;

/** The connector of this name, or null. */
export function connectorNamed(name: string): Connector | null {
  return Object.hasOwn(connectors, name) ? ((connectors as Record<string, unknown>)[name] as Connector) : null;
}
