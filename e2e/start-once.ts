import { startProduct } from "./start-product";

/** Starts the one product that all journeys use, with the demonstration's company in it; its first sign-in link is in E2E_LINK. */
export default async function startOnce(): Promise<() => Promise<void>> {
  const product = await startProduct({ port: Number(process.env.E2E_PORT ?? 4310), args: ["--demo"] });
  process.env.E2E_LINK = product.link ?? "";
  process.env.E2E_FOLDER = product.folder;
  return product.stop;
}
