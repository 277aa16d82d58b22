namespace SoftIov.Pcie;

/// <summary>Who answers for a stretch of a BAR.</summary>
internal enum BarPartKind
{
    /// <summary>Nobody: beyond the personality's own size.</summary>
    Hole,

    /// <summary>The personality.</summary>
    Personality,

    /// <summary>The MSI-X table.</summary>
    MsixTable,

    /// <summary>The MSI-X pending bits.</summary>
    MsixPending,
}
