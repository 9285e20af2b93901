import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist", "src/common/schema.d.ts"] },
  js.configs.recommended,
  tseslint.configs.strict,
  { rules: { "no-console": "error", eqeqeq: "error", "max-lines": ["error", 420] } },
);
