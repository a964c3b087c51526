/** The setting of the template for object keys, which the saver and programs that name its objects share. */
import { DEFAULT_KEY, fieldNames } from "../face/object_key.ts";
import { text } from "../settings/declare.ts";

/** A template for {@link KeyTemplate}, which checks it. */
export function objectKey({ help }: { readonly help: string }) {
  return {
    group: "storage",
    ...text({ help, details: `Fields: ${fieldNames()}.`, placeholder: "TEMPLATE", fallback: DEFAULT_KEY }),
  };
}
