import type { Connector } from "../connectors/contract";
import { connectorNamed } from "../connectors/registry";
import { AppError } from "../errors";

/** The connector of this name. @throws AppError `invalid` */
export function connectorOf(name: string): Connector {
  const connector = connectorNamed(name);
  if (!connector)
    throw new AppError("invalid", `there is no connector “${name}”`, {
      field: "connector",
      remedy: "Choose one of the connectors that this version has.",
    });
  return connector;
}
