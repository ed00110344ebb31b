// Validates documents with @apidevtools/swagger-parser, which reads them as many JavaScript tools do.
import SwaggerParser from '@apidevtools/swagger-parser';

for (const file of process.argv.slice(2)) {
  const document = await SwaggerParser.parse(file);
  if (document.openapi.startsWith('3.1.')) {
    // Its JSON Schema of OpenAPI 3.1 is an old one, in which the description of a server variable is called "descriptions".
    for (const server of document.servers) {
      for (const variable of Object.values(server.variables ?? {})) delete variable.description;
    }
  }
  await SwaggerParser.validate(document);
  console.log(`${file}: valid`);
}
