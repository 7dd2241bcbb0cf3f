-- Our own DERP region has a number of those that are kept for operators' own, as stock clients expect.
UPDATE "Node" SET "homeDerp" = 900 WHERE "homeDerp" = 1;
