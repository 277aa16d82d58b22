namespace SoftIov.Linux;

/// <summary>What becomes of a range of a file or block device (fallocate(2)). None of them changes the size.</summary>
public enum AllocationMode
{
    /// <summary>The range reads as zeroes and its space is given back (FALLOC_FL_PUNCH_HOLE, FALLOC_FL_KEEP_SIZE).</summary>
    PunchHole = 2 | 1,

    /// <summary>The range reads as zeroes and has its space (FALLOC_FL_ZERO_RANGE, FALLOC_FL_KEEP_SIZE).</summary>
    ZeroRange = 16 | 1,
}
