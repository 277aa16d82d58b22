namespace SoftIov.Pcie;

/// <summary>Which error message a function sends (PCIe 2.2.8.3).</summary>
internal enum ErrorSeverity
{
    /// <summary>ERR_COR.</summary>
    Correctable,

    /// <summary>ERR_NONFATAL.</summary>
    NonFatal,

    /// <summary>ERR_FATAL.</summary>
    Fatal,
}
