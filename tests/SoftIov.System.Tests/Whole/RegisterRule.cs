namespace SoftIov.SystemTests.Whole;

/// <summary>What software may do to a dword of configuration space; bits that no mask has are read-only, or cleared by writing 1.</summary>
/// <param name="Offset">Of the dword, in configuration space.</param>
/// <param name="Writable">Bits that take what is written.</param>
/// <param name="Follows">Bits that hardware changes when it obeys the others.</param>
/// <param name="Acts">Bits that do something when written as 1 and read 0; a test of values leaves them alone.</param>
internal readonly record struct RegisterRule(int Offset, uint Writable, uint Follows = 0, uint Acts = 0);
