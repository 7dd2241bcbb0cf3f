-- CreateTable
CREATE TABLE "QuotaUse" (
    "key" TEXT NOT NULL,
    "month" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "QuotaUse_pkey" PRIMARY KEY ("month","key")
);
