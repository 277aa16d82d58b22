namespace SoftIov.Lab.Demo;

/// <summary>Which story a demo tells.</summary>
public enum DemoKind
{
    /// <summary>A network for two guests, a VF each.</summary>
    Net,

    /// <summary>One disk for two guests, a VF each.</summary>
    Disk,

    /// <summary>An adapter given whole to one guest.</summary>
    Whole,
}
