-- AlterTable
ALTER TABLE "Node" ADD COLUMN     "approvalsFor" TEXT NOT NULL DEFAULT '';

-- AlterTable
ALTER TABLE "Relay" ADD COLUMN     "decided" BOOLEAN NOT NULL DEFAULT false;

-- Who was turned on was, and who was ever turned off by somebody stays off.
UPDATE "Relay" SET "decided" = true WHERE "advertised" OR EXISTS (
    SELECT 1 FROM "AuditEvent" WHERE "action" = 'relay.set-advertised' AND "targetKind" = 'relay' AND "targetId" = "Relay"."nodeId"::text
);
