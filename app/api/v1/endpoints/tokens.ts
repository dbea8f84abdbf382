import { z } from "zod";
import { listApiTokens } from "@/lib/auth/api-token-queries";
import { createApiToken, createApiTokenInput } from "@/lib/auth/create-api-token";
import { revokeApiToken } from "@/lib/auth/revoke-api-token";
import { endpoint } from "../endpoint";
import { id, idParam, page, paging } from "../list";

const token = z.object({
  id,
  name: z.string(),
  hint: z.string().meta({ description: "The last four characters of the secret." }),
  scopes: z.array(z.string()),
  for: z.string().nullable().meta({ description: "E-mail of the person as whom it acts." }),
  status: z.enum(["live", "ended", "revoked"]),
  createdAt: z.date(),
  expiresAt: z.date(),
  lastUsedAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
});

export const tokenEndpoints = [
  endpoint({
    method: "GET",
    path: "/tokens",
    summary: "List API tokens, newest first",
    tag: "Tokens",
    permission: "token:read",
    query: z.strictObject(paging),
    answer: page(token),
    run: (actor, { query }) => listApiTokens(actor, query),
  }),
  endpoint({
    method: "POST",
    path: "/tokens",
    summary: "Make an API token",
    description: "The secret is in this answer and kept nowhere.",
    tag: "Tokens",
    permission: "token:create",
    body: createApiTokenInput,
    answer: z.object({
      id,
      name: z.string(),
      scopes: z.array(z.string()),
      for: z.string().nullable(),
      expiresAt: z.date(),
      token: z.string().meta({ description: "The secret, shown this once." }),
    }),
    status: 201,
    secretAnswer: true,
    run: (actor, { body }) => createApiToken(actor, body),
  }),
  endpoint({
    method: "POST",
    path: "/tokens/{id}/revoke",
    summary: "Revoke an API token",
    tag: "Tokens",
    permission: "token:revoke",
    params: idParam,
    answer: z.object({ id, revokedAt: z.date() }),
    run: (actor, { params }) => revokeApiToken(actor, params),
  }),
];
