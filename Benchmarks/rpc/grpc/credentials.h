#pragma once
#include <fstream>
#include <sstream>
#include <string>

// The text of a PEM file in the folder of certificates.
inline std::string pem(const std::string& folder, const std::string& name) {
  std::ifstream file(folder + "/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}
