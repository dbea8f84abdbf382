// The package brings no types; this is what the tests use of it.
declare module "oidc-provider" {
  import type { Server } from "node:http";
  export default class Provider {
    constructor(issuer: string, settings: object);
    listen(port: number): Server;
  }
}
