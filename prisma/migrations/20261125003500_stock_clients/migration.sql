-- One machine's client may serve several people: each is a node of its own.
DROP INDEX "Node_machineKey_key";

-- AlterTable
ALTER TABLE "Node" ADD COLUMN     "approvedRoutes" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "hostinfo" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "keyExpiryDisabled" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "AuthKey" ADD COLUMN     "preApproved" BOOLEAN NOT NULL DEFAULT true;

-- AlterTable
ALTER TABLE "user" ADD COLUMN     "number" SERIAL NOT NULL;

-- CreateTable
CREATE TABLE "PendingLogin" (
    "id" TEXT NOT NULL,
    "machineKey" TEXT NOT NULL,
    "nodeKey" TEXT NOT NULL,
    "oldNodeKey" TEXT,
    "hostinfo" JSONB NOT NULL,
    "capVersion" INTEGER NOT NULL,
    "ephemeral" BOOLEAN NOT NULL DEFAULT false,
    "ip" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "decidedAt" TIMESTAMP(3),
    "approved" BOOLEAN NOT NULL DEFAULT false,
    "decidedBy" UUID,

    CONSTRAINT "PendingLogin_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "PendingLogin_machineKey_idx" ON "PendingLogin"("machineKey");

-- CreateIndex
CREATE INDEX "PendingLogin_expiresAt_idx" ON "PendingLogin"("expiresAt");

-- CreateIndex
CREATE INDEX "Node_machineKey_idx" ON "Node"("machineKey");

-- CreateIndex
CREATE UNIQUE INDEX "user_number_key" ON "user"("number");
