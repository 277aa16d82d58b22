using SoftIov.Fuzz;

return FuzzCommand.Run(args);
